"""What models compute on: the native engine, devices, threads and random numbers."""
