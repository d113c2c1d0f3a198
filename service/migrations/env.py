from alembic import context

attributes = context.config.attributes
# Only a comparison needs to know what the tables in code say.
context.configure(
    connection=attributes["connection"],
    target_metadata=attributes.get("metadata"),
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
