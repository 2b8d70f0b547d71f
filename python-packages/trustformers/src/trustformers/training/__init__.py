"""What training loops and scripts share: strategies, results and the folders of checkpoints."""
