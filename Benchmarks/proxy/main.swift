import Glibc
import TestSupport
import VarveSystem

// Stands between a client and a server on this machine, as if they were far apart.
//
//   proxy --to HOST:PORT --port N [--delay MILLISECONDS]
//
// Each request waits so long before it is passed on. At SIGTERM or Ctrl-C the requests by method, and
// the bytes of their bodies and of the answers', are printed as JSON.

func wrong(_ reason: String) -> Never {
    print("proxy: \(reason)\nusage: proxy --to HOST:PORT --port N [--delay MILLISECONDS]")
    exit(64)
}

func value(_ option: String) -> String? {
    let arguments = CommandLine.arguments
    guard let place = arguments.firstIndex(of: option) else { return nil }
    guard place + 1 < arguments.count else { wrong("\(option) takes a value") }
    return arguments[place + 1]
}

func number(_ text: String, _ range: ClosedRange<Int>) -> Int {
    guard let number = Int(text), range.contains(number) else { wrong("\(text) is out of range") }
    return number
}

let to = (value("--to") ?? "").split(separator: ":")
guard to.count == 2, ["127.0.0.1", "localhost"].contains(to[0]) else {
    wrong("--to is a port of this machine, such as 127.0.0.1:8333")
}
let delay = number(value("--delay") ?? "0", 0...60_000)
let trouble = delay == 0 ? Trouble.none : .delay(nanoseconds: Int64(delay) * 1_000_000)

Interrupts.install()
let proxy = try FaultProxy(
    to: number(String(to[1]), 1...65_535), on: number(value("--port") ?? "0", 0...65_535),
    keepsHistory: false, plan: { _ in trouble })
print("listening on \(proxy.port)")
fflush(nil)
while !Interrupts.isRequested { Clock.sleep(nanoseconds: 1_000_000_000) }
let counts = proxy.counts.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
let traffic = proxy.traffic
print(
    "{\"requests\":{\(counts.joined(separator: ","))},\"request_bytes\":\(traffic.requestBytes),"
        + "\"answer_bytes\":\(traffic.answerBytes)}")
proxy.stop()
