"""What the Makefile puts into the artefacts that are deployed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.stack.paths import CHECKOUT

FUNCTIONS = sorted(path.parent.name for path in (CHECKOUT / "functions").glob("*/__init__.py"))


def build(target: str, directory: Path, **variables: str) -> list[str]:
    subprocess.run(  # noqa: S603 - our own Makefile
        ["make", f"build-{target}"],  # noqa: S607 - found on PATH, as `sam build` does
        cwd=CHECKOUT,
        env={**os.environ, "ARTIFACTS_DIR": str(directory), **variables},
        check=True,
        capture_output=True,
    )
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_shipped_with_its_own_folder_alone(name: str, tmp_path: Path) -> None:
    logical_id = "".join(word.capitalize() for word in name.split("_")) + "Function"

    files = build(logical_id, tmp_path)

    assert "functions/__init__.py" in files
    assert f"functions/{name}/app.py" in files
    others = {file for file in files if not file.startswith(f"functions/{name}/")} - {"functions/__init__.py"}
    if name == "migrate_database":
        # It brings what no other function needs; its migrations are in the layer.
        assert {"alembic/command.py", "sqlalchemy/engine/base.py"} <= others
        assert not {file.split("/")[0] for file in others} & {"shared", "psycopg", "bin"}
        return
    assert not others
    shown = {".html", ".css", ".js", ".svg", ".txt", ".po", ".mo"} if name == "operator_page" else set()
    assert {Path(file).suffix for file in files} <= {".py", *shown}
    assert shown <= {Path(file).suffix for file in files}


def test_the_layer_holds_shared_and_what_it_imports_and_nothing_that_lambda_has(tmp_path: Path) -> None:
    files = build("SharedLayer", tmp_path, LAYER_TARGET=f"--python {sys.executable}")

    packages = {Path(file).parts[1] for file in files}
    assert {Path(file).parts[0] for file in files} == {"python"}
    assert {"shared", "aws_lambda_powertools", "psycopg", "pydantic", "jwt"} <= packages
    assert not packages & {"boto3", "botocore", "local", "functions", "alembic", "bin"}
    assert not [file for file in files if file.endswith(".pyc")]
    assert {"python/shared/aws/rds-ca.pem", "python/shared/db/migrations/env.py"} <= set(files)
