"""The mail server, as the notifier and `clamshell doctor` reach it."""

import ssl

import aiosmtplib

from service.settings import MailServer


def smtp_client(server: MailServer, tls: ssl.SSLContext | None, timeout: float) -> aiosmtplib.SMTP:
    """Not connected yet. `start_tls` is said either way: left alone, aiosmtplib turns to TLS only where that is
    offered, and whoever sits on the wire can take the offer out."""
    return aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        use_tls=server.use_tls,
        start_tls=server.start_tls,
        tls_context=tls,
        timeout=timeout,
    )


def trusted(server: MailServer) -> ssl.SSLContext | None:
    """Reading the trusted certificates takes some 20 ms: once a process, not once a connection."""
    return ssl.create_default_context() if server.use_tls or server.start_tls else None
