"""Training a learned cipher from a folder of pictures: what the training loop reads, keeps and leaves behind."""
