"""Reading what a platform sends us, and no more of it than we can use."""

import aiohttp

CHUNK = 64 * 1024


async def read_up_to(answer: aiohttp.ClientResponse, limit: int) -> bytes | None:
    """Return the whole body of ``answer``; None where it is longer than ``limit``.

    What the headers say of its length is not relied on, and nothing beyond the limit is kept.
    """
    content = bytearray()
    async for piece in answer.content.iter_chunked(CHUNK):
        content += piece
        if len(content) > limit:
            return None
    return bytes(content)
