"""The proposed cipher: a lite dense residual network scrambles the image, XOR diffusion encrypts what comes out."""
