"""The routes of the page's own and vendored files."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import PlainTextResponse, Response

from advisord.web.assets import Asset, assets_of
from advisord.web.route import Route, reads
from advisord.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Files:
    """The files by their paths."""

    assets: Mapping[str, Asset]

    def answer(self, visit: Visit) -> Response:
        """A file, or that the browser has it already."""
        asset = self.assets.get(visit.part("path"))
        if asset is None:
            return PlainTextResponse("There is no such file.\n", 404)
        headers = {"ETag": asset.mark, "Cache-Control": "no-cache", "Content-Type": asset.kind}
        if visit.request.headers.get("if-none-match") == asset.mark:
            return Response(status_code=304, headers=headers)
        return Response(asset.body, headers=headers)


def file_routes() -> tuple[Route, ...]:
    """Everybody may have them: the login is made of them."""
    return (reads("/assets/{path:path}", Files(assets_of()).answer, None),)
