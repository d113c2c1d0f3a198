# One image, two commands:
#   clamshell serve --host 0.0.0.0     the API and its pages
#   python -m scheduler                plans and delivers reminders
# and once before them, with the login that owns the tables: clamshell migrate
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app

COPY requirements/run.txt requirements/run.txt
RUN pip install --require-hashes -r requirements/run.txt

COPY pyproject.toml README.md LICENSE ./
COPY service service
COPY scheduler scheduler
RUN pip install --no-deps --no-build-isolation -e .

# What the schedulers remember outside the database: a volume belongs here.
RUN install -d -o nobody -m 700 /var/lib/clamshell
ENV CLAMSHELL_STATE_FOLDER=/var/lib/clamshell
USER nobody
EXPOSE 8000
CMD ["clamshell", "serve", "--host", "0.0.0.0"]
