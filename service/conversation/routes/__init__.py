from service.conversation.routes import thread, webhooks
from service.conversation.routes.inbox import inbox_routers

__all__ = ["inbox_routers", "routers"]

routers = [webhooks.router, thread.router]
