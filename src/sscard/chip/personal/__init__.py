"""Card images: `making` puts data and diversified keys into the files, `certificate` makes the SM2 pair, `demo`
whom."""
