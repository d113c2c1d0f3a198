"""The pages of staff. A GET changes nothing; every form is refused unless this session's page wrote it."""

from litestar import Router

from service.review.pages import digest, messages, settings, staff

routers = [Router("/", route_handlers=[*staff.handlers, *messages.handlers, *digest.handlers, *settings.handlers])]
