"""A small API description, enough to see every part of the page that shows it."""


def openapi() -> dict[str, object]:
    score = {"type": "integer", "minimum": 0, "maximum": 10, "description": "0 is no pain, 10 the worst."}
    problem = {
        "description": "What was wrong",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    client = {
        "name": "client_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
    }
    saved = {
        "description": "Saved",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PainEntry"}}},
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/PainEntry"}}}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Clamshell API",
            "version": "0.1.0",
            "description": "Plans, diary, reminders and review of one clinic.",
        },
        "paths": {
            "/v1/clients/{client_id}/pain": {
                "get": {
                    "operationId": "listPain",
                    "tags": ["Diary"],
                    "summary": "Pain entries of a client",
                    "parameters": [
                        client,
                        {
                            "name": "limit",
                            "in": "query",
                            "schema": {"type": "integer", "minimum": 1, "maximum": 500},
                            "description": "How many at most",
                        },
                    ],
                    "responses": {"200": saved, "404": problem},
                },
                "post": {
                    "operationId": "recordPain",
                    "tags": ["Diary"],
                    "summary": "Record a pain score",
                    "parameters": [client],
                    "requestBody": body,
                    "responses": {"201": saved, "422": problem},
                },
            },
            "/v1/caseload": {
                "get": {
                    "operationId": "caseload",
                    "tags": ["Review"],
                    "summary": "Who needs the therapist first, and why",
                    "responses": {"200": {"description": "The caseload"}},
                }
            },
        },
        "components": {
            "schemas": {
                "PainEntry": {
                    "type": "object",
                    "required": ["id", "day", "score"],
                    "properties": {
                        "id": {"type": "string", "format": "uuid"},
                        "day": {"type": "string", "format": "date"},
                        "score": score,
                        "side": {"enum": ["left", "right", "both"]},
                        "sites": {"type": "array", "items": {"type": "string"}},
                        "note": {"oneOf": [{"type": "string", "maxLength": 2000}, {"type": "null"}]},
                    },
                },
                "Problem": {
                    "type": "object",
                    "description": "RFC 9457",
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                    },
                },
            }
        },
    }
