import Glibc

// Years of a repository in memory: hourly snapshots of a tree that changes, retention and prune every
// night, a restore every week that is compared with a model, a check of every byte every year.
//
//   simulate [--years N] [--days N] [--seed N]
//
// --days makes each year shorter, which shows that everything runs, and proves nothing.

/// In which year what later ones are compared with has settled, and how much more they may take.
let settledYear = 2
let ratioMax = 1.2

func number(_ option: String, _ otherwise: Int) -> Int {
    let arguments = CommandLine.arguments
    guard let place = arguments.firstIndex(of: option), place + 1 < arguments.count else {
        return otherwise
    }
    guard let number = Int(arguments[place + 1]), number > 0 else {
        print("\(option) takes a number above 0")
        exit(64)
    }
    return number
}

let years = number("--years", 10)
let life = try Life(seed: UInt64(number("--seed", 1)))
print("| " + YearFigures.heading.joined(separator: " | ") + " |")
print("|" + String(repeating: "--:|", count: YearFigures.heading.count))
var settled: YearFigures?
var isTooMuch = false
for year in 1...years {
    let figures = try life.liveOneYear(days: number("--days", 365))
    print("| " + figures.row(year).joined(separator: " | ") + " |")
    // So that each year shows when it is over.
    fflush(nil)
    if year == settledYear { settled = figures }
    guard year == years, let settled, year > settledYear else { continue }
    print("\nyear \(year) against year \(settledYear), at most \(rounded(ratioMax)):\n")
    for (name, ratio) in figures.ratios(to: settled) {
        let hundredths = Int((ratio * 100).rounded())
        let text = "\(hundredths / 100).\(hundredths % 100 / 10)\(hundredths % 10)"
        print("- \(name): \(text)\(ratio > ratioMax ? ", too much" : "")")
        isTooMuch = isTooMuch || ratio > ratioMax
    }
}
exit(isTooMuch ? 1 : 0)
