"""The port the pages are to answer on."""

import errno
import socket

from service.errors import WrongSettings


def refuse_taken_port(host: str, port: int) -> None:
    """Said before anything is started: another program's answer must not pass for ours."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except PermissionError:
        raise WrongSettings(f"port {port} is closed to this user; choose one above 1023 with --port") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise WrongSettings(f"port {port} is taken by another program; choose one with --port") from None
        raise WrongSettings(f"--host must be an address of this machine, like 127.0.0.1, not {host!r}") from None
