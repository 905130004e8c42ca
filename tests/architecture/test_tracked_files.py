"""What may stand in the repository."""

import re

from tests.architecture import project

# Put together from pieces, so that this file does not hold what it looks for. A path counts
# where it begins, not where it ends the address of somebody's page.
PLACES = re.compile(
    "|".join(
        [
            r"py" + r"pi\.org",
            "python" + "hosted",
            r"registry" + r"\.npm",
            r"deb" + r"\.debian",
            r"(?<![\w./-])/" + "work/",
            r"(?<![\w./-])/" + "root/",
        ]
    ),
    re.IGNORECASE,
)
DIRECTIVE = re.compile(
    r"#\s*(?:type:\s*ignore(\[[\w, -]+\])?|noqa(:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?)"
)
REASON = re.compile(r"\s+(?:#|-|—)\s+\S.{7,}$")


def test_no_registry_and_no_path_of_a_machine() -> None:
    found = [
        f"{name}:{number}"
        for name in project.tracked()
        for number, line in enumerate(project.text(name).splitlines(), 1)
        if PLACES.search(line)
    ]
    assert found == []


def test_nothing_ignored_is_tracked() -> None:
    assert project.git("ls-files", "--cached", "--ignored", "--exclude-standard") == []


def unexplained(comment: str) -> bool:
    """Say whether a comment silences a checker without naming the rule and the reason."""
    directives = list(DIRECTIVE.finditer(comment))
    if not directives:
        return False
    named = all(any(each.groups()) for each in directives)
    return not (named and REASON.match(comment, directives[-1].end()))


def test_every_silenced_checker_has_a_reason_beside_it() -> None:
    found = [
        f"{name}:{number} {comment}"
        for name in project.python_files(*project.PACKAGES, "tests", ".ci")
        for number, comment in project.comments(name)
        if unexplained(comment)
    ]
    assert found == []


def test_what_counts_as_a_reason() -> None:
    assert unexplained("# noqa")
    assert unexplained("# noqa: S608")
    assert unexplained("# type: " + "ignore  # the library has no types")
    assert unexplained("# type: " + "ignore[arg-type]  # ok")
    assert not unexplained("# noqa: S608 - the table's name is a constant")
    assert not unexplained("# type: " + "ignore[arg-type]  # the stub is older than the library")
    assert not unexplained("# an ordinary remark")
