"""One proxy for every request to a platform: ``CONVOKE_PROXY``.

aiohttp goes through an HTTP proxy by an argument of each request, and through SOCKS only
by another connector, so both come as a pair. An error of either may hold the proxy's
password: only its class is ever told.
"""

from typing import Any

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError

SETTING = "CONVOKE_PROXY"

NOTHING_LEFT: tuple[type[Exception], ...] = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientProxyConnectionError,
    aiohttp.ClientHttpProxyError,
    ProxyConnectionError,
    ProxyError,
    ProxyTimeoutError,
)
"""No connection to the platform came about, with or without a proxy: nothing was sent.

``ClientHttpProxyError`` is a proxy's refusal of ``CONNECT``. What a proxy answers to a
plain ``http://`` request in the platform's place cannot be told from the platform's own.
"""


def connector_for(proxy: str, **limits: Any) -> tuple[aiohttp.BaseConnector, str | None]:
    """Return the connector for a session, and what its requests give as ``proxy=``.

    Args:
        proxy: ``http://…``, ``socks5://…``, ``socks5h://…``, or ``""`` for none.
        limits: Handed on to the connector, such as ``limit``.
    """
    scheme = proxy.partition("://")[0]
    if scheme in ("socks5", "socks5h"):
        url = proxy.replace("socks5h://", "socks5://", 1)
        # The proxy resolves names: whoever needs one often cannot resolve them.
        return ProxyConnector.from_url(url, rdns=True, **limits), None
    return aiohttp.TCPConnector(**limits), proxy or None


def is_proxys_failure(error: BaseException) -> bool:
    """Return whether it was the proxy that did not do its part."""
    kinds = (
        aiohttp.ClientProxyConnectionError,
        aiohttp.ClientHttpProxyError,
        ProxyConnectionError,
        ProxyError,
        ProxyTimeoutError,
    )
    return isinstance(error, kinds)
