"""Models that answer later: jobs are gathered, started, looked after, and what they bring is handed out."""
