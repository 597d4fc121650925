"""The card's cryptography: `ciphers` (3DES, SM4), `factors` (what keys are dispersed by), `tree` (a root's keys)."""
