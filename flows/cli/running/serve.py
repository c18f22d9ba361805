"""`newsmill serve`: the standing server and its worker, until Ctrl-C."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.shared.console import (
    LakeOption,
    SourcesDirOption,
    UsageError,
    err,
    lake_folder,
    prepare_prefect,
    refuse_busy,
)


def serve(
    *,
    lake: LakeOption,
    sources_dir: SourcesDirOption,
    port: Annotated[int, typer.Option("--port", help="Port of the Prefect server, on loopback.")] = 4200,
    api_url: Annotated[
        str | None,
        typer.Option(
            "--api-url",
            help="API of a Prefect server that runs elsewhere, e.g. http://server:4200/api: none is started; "
            "its key is read from PREFECT_API_AUTH_STRING.",
        ),
    ] = None,
) -> None:
    """Run a Prefect server, the work pool, the deployments of prefect.yaml and a worker, until Ctrl-C."""
    lake_folder(lake)
    if api_url is None:
        refuse_busy(port)
    elif not api_url.startswith(("http://", "https://")):
        raise UsageError(f"--api-url {api_url} is not an address: write it as http://HOST:PORT/api")
    prepare_prefect()
    from flows.serving.credentials import CLIENT_VARIABLE, key_file, server_key
    from flows.serving.supervisor import serve as serve_all

    if api_url is not None:
        err().print(f"worker of the Prefect server at {api_url}; Ctrl-C ends it", highlight=False, soft_wrap=True)
        serve_all(lake, sources_dir=sources_dir, api_url=api_url.rstrip("/"))
        return
    server_key(lake)
    file = key_file(lake)
    where = f"$(cat {file})" if file.exists() else f"the one in {CLIENT_VARIABLE}"
    err().print(
        f"Prefect at http://127.0.0.1:{port}; Ctrl-C ends the server and the worker\n"
        f"its page asks for a key: {where}\n"
        f"the prefect command:     export PREFECT_API_URL=http://127.0.0.1:{port}/api {CLIENT_VARIABLE}={where}",
        highlight=False,
        soft_wrap=True,
    )
    serve_all(lake, port, sources_dir=sources_dir)
