"""What the embedded adapters do beyond their ports: limits, bad files, full disks, kill -9."""
