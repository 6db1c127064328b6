import ArgumentParser

@main struct Varve: ParsableCommand {}
