"""Thousands of sites on one machine, for tests and measures: real SSH servers (AsyncSSH) whose
accounts answer the probe as one real site did, or behave badly.

`fleet.simulated` starts them and writes a fleet folder that is in sync with what they answer;
`python -m tests.simulated` does it for hand work. Nothing can be changed on them: what they answer
to anything but the probe is a word.
"""
