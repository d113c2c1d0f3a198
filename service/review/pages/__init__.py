"""The pages of staff. A GET changes nothing; every form is refused unless this session's page wrote it."""

from litestar import Router

from service.review.pages import (
    alerts,
    contacts,
    digest,
    intake,
    labels,
    links,
    messages,
    monitoring,
    prescribing,
    settings,
    staff,
    starting,
    summary,
)

handlers = [
    *staff.handlers,
    *prescribing.handlers,
    *alerts.handlers,
    *messages.handlers,
    *contacts.handlers,
    *labels.handlers,
    *digest.handlers,
    *intake.handlers,
    *settings.handlers,
    *links.handlers,
    *monitoring.handlers,
    *summary.handlers,
    *starting.handlers,
]
routers = [Router("/", route_handlers=handlers)]
