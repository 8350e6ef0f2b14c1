"""Events over RabbitMQ: the only place that knows kombu.

``topology`` names and declares, ``publisher`` publishes with confirms, ``outbox`` relays what a
service wrote, ``consumer`` hands batches to a service and settles them.
"""
