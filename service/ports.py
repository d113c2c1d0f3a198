"""The ports that processes are to answer on."""

import errno
import socket

from service.errors import WrongSettings


def refuse_taken_port(host: str, port: int) -> None:
    """Said before anything is started: another program's answer must not pass for ours."""
    try:
        _take(host, port)
    except PermissionError:
        raise WrongSettings(f"port {port} is closed to this user; choose one above 1023 with --port") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise WrongSettings(f"port {port} is taken by another program; choose one with --port") from None
        raise WrongSettings(f"--host must be an address of this machine, like 127.0.0.1, not {host!r}") from None


def refuse_closed_metrics(host: str, port: int | None, variable: str) -> None:
    if port is None:
        return
    try:
        _take(host, port)
    except OSError as error:
        raise closed_metrics(error, host, port, variable) from None


def closed_metrics(error: OSError, host: str, port: int, variable: str) -> WrongSettings:
    """Names the variable that is at fault: `variable` holds the port."""
    if error.errno in (errno.EADDRINUSE, errno.EACCES):
        return WrongSettings(f"{variable}: nothing can listen at {host}:{port}: {error.strerror}")
    return WrongSettings(
        "CLAMSHELL_METRICS_HOST must be a host name or an address of this machine, like 127.0.0.1, and nothing can "
        f"listen at {host!r}: {error.strerror}"
    )


def _take(host: str, port: int) -> None:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
