"""Fixtures that every folder of tests may use."""

from tests.brokers import broker, enrolment_file, link_for

__all__ = ["broker", "enrolment_file", "link_for"]
