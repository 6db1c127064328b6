import Testing

@testable import VarveMount

@Suite("Numbers of files")
struct FileNumberTests {
    @Test("a number leads back to the place that it was made of")
    func places() {
        let greatest = EntryPlace(
            directory: EntryPlace.directoriesMax - 1, piece: EntryPlace.piecesMax - 1,
            index: EntryPlace.indexesMax - 1)
        let places = [EntryPlace(directory: 1, piece: 0, index: 0), greatest]
        for place in places { #expect(FileNumber(place).place == .entry(place)) }
        for number in [1, 2, 100_000] {
            #expect(FileNumber(view: number).place == .view(number))
            #expect(FileNumber(linked: number).place == .linked(number))
        }
        #expect(FileNumber.root.place == .view(1))
    }
}
