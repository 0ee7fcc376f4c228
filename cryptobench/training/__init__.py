"""Training a learned cipher from a folder of pictures: what the kit's loop reads, keeps and leaves behind."""
