"""What a note says of a chunk: present, absent, possible, hypothetical, historical, another's."""
