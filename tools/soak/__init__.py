"""A school week in accelerated time: the real programs, with speakers on the null output, and what they did judged."""
