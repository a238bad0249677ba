"""Plans, runs and problems as text, JSON and Markdown. Pure: printing is left to cli.output."""
