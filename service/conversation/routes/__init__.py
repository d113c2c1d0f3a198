from service.conversation.routes import invites, thread, webhooks
from service.conversation.routes.inbox import inbox_routers

__all__ = ["inbox_routers", "routers"]

routers = [webhooks.router, thread.router, invites.router]
