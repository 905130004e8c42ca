"""A contract type for import-linter, named in ``pyproject.toml``."""

from grimp import ImportGraph
from importlinter import ContractCheck
from importlinter.contracts.protected import ProtectedContract
from importlinter.domain.imports import ModuleExpression


class ImportedOnlyBy(ProtectedContract):
    """A module is imported by those named and by nobody else, from the day it exists.

    import-linter's own ``protected`` fails on a module that is not there: one that is
    still to be written, or a library that nothing imports yet. Such a module cannot be
    imported wrongly, so it is left out.
    """

    type_name = "imported_only_by"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Check the modules that exist."""
        for option in ("protected_modules", "allowed_importers"):
            named: list[ModuleExpression] = getattr(self, option)
            setattr(self, option, [each for each in named if each.expression in graph.modules])
        return super().check(graph, verbose)
