"""The pages of staff. A GET changes nothing; every form is refused unless this session's page wrote it."""

from litestar import Router

from service.review.pages import (
    alerts,
    contacts,
    digest,
    drafting,
    exercises,
    helping,
    intake,
    inviting,
    labels,
    links,
    live,
    messages,
    monitoring,
    noting,
    prescribing,
    previewing,
    set_up,
    settings,
    staff,
    starting,
    summary,
    team,
    versions,
    wording,
)

pages = (
    staff,
    prescribing,
    drafting,
    previewing,
    versions,
    alerts,
    messages,
    noting,
    contacts,
    inviting,
    helping,
    labels,
    digest,
    intake,
    settings,
    links,
    live,
    monitoring,
    summary,
    starting,
    exercises,
    team,
    set_up,
    wording,
)
handlers = [handler for page in pages for handler in page.handlers]
routers = [Router("/", route_handlers=handlers)]
