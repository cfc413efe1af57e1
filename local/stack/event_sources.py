"""The numbers of the queues' consumers, which the emulator keeps as the text that a parameter is."""

from local.stack import aws


def mend_event_sources(endpoint_url: str) -> None:
    """Give each consumer of a queue its numbers as numbers: by a text the emulator can't tell when it is busy."""
    functions = aws.session().client("lambda", endpoint_url=endpoint_url)
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        functions.update_event_source_mapping(
            UUID=mapping["UUID"],
            BatchSize=int(mapping["BatchSize"]),
            MaximumBatchingWindowInSeconds=int(mapping["MaximumBatchingWindowInSeconds"]),
            ScalingConfig={"MaximumConcurrency": int(mapping["ScalingConfig"]["MaximumConcurrency"])},
        )
