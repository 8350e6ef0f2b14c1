"""The AsyncAPI 3.0 document of all events, from their schemas and subscriptions.

``python -m suishoupai.contracts.asyncapi > docs/asyncapi.yaml`` writes it anew.
"""

from __future__ import annotations

import inspect
from typing import Any

import yaml
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from suishoupai.contracts.events import EVENTS, Envelope, schema_name
from suishoupai.contracts.subscriptions import SUBSCRIPTIONS
from suishoupai.contracts.words import ACTION_EVENTS, ACTIONS

Document = dict[str, Any]


def document() -> Document:
    """Channels by event type, who sends and receives them, and every published version."""
    types = sorted({event_type for event_type, _ in EVENTS})
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "随手拍 · Suishoupai events",
            "version": "1",
            "description": "CloudEvents 1.0 in structured JSON mode over RabbitMQ: topic exchange "
            "NAMESPACE.events, routing key = type, one quorum queue for each receiver.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {event_type: _channel(event_type) for event_type in types},
        "operations": _operations(types),
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def _channel(event_type: str) -> Document:
    return {
        "address": event_type,
        "messages": {
            f"v{version}": {"$ref": f"#/components/messages/{_key(name, version)}"}
            for name, version in sorted(EVENTS)
            if name == event_type
        },
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": "suishoupai.events", "type": "topic", "durable": True},
            }
        },
    }


def _operations(types: list[str]) -> Document:
    sent = {
        f"send.{event_type}": {
            "action": "send",
            "channel": {"$ref": f"#/channels/{event_type}"},
            "summary": _summary(event_type),
        }
        for event_type in types
    }
    received = {
        f"{line.service}.{line.purpose}.{event_type}": {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{event_type}"},
            "summary": f"{line.service} · {line.purpose}",
        }
        for line in SUBSCRIPTIONS
        for event_type in line.event_types
    }
    return {**sent, **received}


def _summary(event_type: str) -> str:
    described = inspect.cleandoc(EVENTS[event_type, 1].__doc__ or "").splitlines()[0]
    happened = [ACTIONS[name] for name, told in ACTION_EVENTS.items() if told == event_type]
    return f"{happened[0]}: {described}" if happened else described


def _messages() -> Document:
    return {
        _key(event_type, version): {
            "name": event_type,
            "title": f"{event_type} version {version}",
            "contentType": "application/cloudevents+json",
            "payload": {
                "allOf": [
                    {"$ref": "#/components/schemas/Envelope"},
                    {
                        "type": "object",
                        "properties": {
                            "type": {"const": event_type},
                            "dataschema": {"const": schema_name(event_type, version)},
                            "data": {"$ref": f"#/components/schemas/{schema.__name__}"},
                        },
                    },
                ]
            },
        }
        for (event_type, version), schema in sorted(EVENTS.items())
    }


def _schemas() -> Document:
    spec = APISpec(
        title="", version="", openapi_version="3.1.0", plugins=[MarshmallowPlugin(_name)]
    )
    spec.components.schema("Envelope", schema=Envelope)
    for schema in sorted(set(EVENTS.values()), key=_name):
        spec.components.schema(schema.__name__, schema=schema)
    schemas: Document = spec.to_dict()["components"]["schemas"]
    return schemas


def _name(schema: Any) -> str:
    return schema.__name__ if isinstance(schema, type) else type(schema).__name__


def _key(event_type: str, version: int) -> str:
    return f"{event_type}.v{version}"


def render() -> str:
    """The document as YAML."""
    return yaml.safe_dump(document(), allow_unicode=True, sort_keys=False, width=100)


if __name__ == "__main__":
    print(render(), end="")
