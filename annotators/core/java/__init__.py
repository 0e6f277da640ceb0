"""What it takes to do as the JVM does: regular expressions, characters, numbers."""
