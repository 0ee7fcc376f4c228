"""Parts for ciphers that are neural networks: layers, losses, training, the weight store, inference on uint8 images."""
