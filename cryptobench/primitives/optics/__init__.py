"""Parts for optical image encryption, simulated: fields, masks, propagation, transforms, recordings.

A field is a complex array, (..., H, W): amplitude and phase of light in a plane, sampled at the pixel pitch. Axes
before the last two are independent fields, such as colour channels. Lengths are in metres.
"""
