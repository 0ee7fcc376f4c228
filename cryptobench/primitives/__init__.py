"""What ciphers are built from: chaotic maps and diffusion, networks and their training, optics, SIMD vectors."""
