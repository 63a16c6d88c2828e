"""Every touch of disk, network, clock, process and device."""
