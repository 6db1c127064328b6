import TestSupport
import Testing

@testable import VarveAWS

@Suite("Texts of services")
struct TextTests {
    @Test("percent encoding leaves letters, digits and four signs, and comes back")
    func percent() {
        #expect(PercentEncoding.encode("aZ09-._~") == "aZ09-._~")
        #expect(PercentEncoding.encode("a b/c+ä") == "a%20b%2Fc%2B%C3%A4")
        #expect(PercentEncoding.encode("a b/c", keepsSlashes: true) == "a%20b/c")
        #expect(PercentEncoding.decode("a%20b%2fc%2B%C3%A4") == "a b/c+ä")
        #expect(PercentEncoding.decode("a%2") == nil)
        #expect(PercentEncoding.decode("a%zz") == nil)
    }

    @Test("times have up to nine digits behind the second")
    func times() {
        #expect(AWSTime.nanoseconds("1970-01-01T00:00:01Z") == 1_000_000_000)
        #expect(AWSTime.nanoseconds("1970-01-01T00:00:01.5Z") == 1_500_000_000)
        #expect(AWSTime.nanoseconds("1970-01-01T00:00:01.123456789Z") == 1_123_456_789)
        #expect(AWSTime.nanoseconds("1970-01-01T00:00:01.000000000999Z") == 1_000_000_000)
        for wrong in [
            "", "Z", ".Z", "1970-01-01", "1970-13-01T00:00:01Z", "1970-01-01T00:00:01.xZ",
        ] {
            #expect(AWSTime.nanoseconds(wrong) == nil, "\(wrong)")
        }
        #expect(AWSTime.basic(nanoseconds: 0) == "19700101T000000Z")
        #expect(AWSTime.seconds(ofDate: "Thu, 01 Jan 1970 00:01:01 GMT") == 61)
        #expect(AWSTime.seconds(ofDate: "Fri, 31 Oct 2025 00:00:00 GMT") == 1_761_868_800)
        for wrong in ["", "1", "Thu, 01 Jan 1970 00:01:01", "Thu, 01 Jän 1970 00:01:01 GMT"] {
            #expect(AWSTime.seconds(ofDate: wrong) == nil, "\(wrong)")
        }
    }

    private func parse(_ text: String) -> XMLElement? { XMLElement(Array(text.utf8)) }

    @Test("reads elements, their text and their children, whatever else stands there")
    func elements() throws {
        let root = try #require(
            parse(
                """
                <?xml version="1.0"?>
                <!-- hello --> <a:List xmlns:a="x"><Key>one &amp; &#x41;&#66;</Key>
                <Empty/><Empty /><Contents><Key>&lt;two&gt;</Key></Contents><!-- - --></a:List>
                """))
        #expect(root.name == "List")
        #expect(root["Key"] == "one & AB")
        #expect(root.all("Empty").count == 2)
        #expect(root.first("Contents")?["Key"] == "<two>")
        #expect(root["Nothing"] == nil)
    }

    @Test(
        "refuses what is cut, crossed, foreign or too deep",
        arguments: [
            "", "text", "<a>", "<a></b>", "<a><b></a></b>", "<a/><b/>", "<a>&x;</a>", "<a>&amp</a>",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a><!ENTITY x></a>", "<a", "<a><b</a>",
            String(repeating: "<a>", count: 100) + String(repeating: "</a>", count: 100),
        ])
    func wrong(_ text: String) { #expect(parse(text) == nil) }

    @Test("no bytes make the reader of XML trap")
    func anyBytes() {
        var numbers = SeededNumbers(7)
        let pieces = ["<", ">", "/", "&", ";", "a", "amp", "#", "x", "!--", "-->", "?", " ", "\""]
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...20, using: &numbers)
            let text = (0..<count).map { _ in pieces.randomElement(using: &numbers)! }.joined()
            _ = parse(text)
        }
    }

    @Test("profiles are read from both files, and that of credentials wins")
    func profiles() {
        var profiles = AWSProfiles()
        profiles.add(
            """
            # comment
            [default]
            region = eu-west-1
            aws_access_key_id=old
            s3 =
              addressing_style = path
            [profile work]
            role_arn = arn:x
            [services]
            region = nowhere
            """, isConfiguration: true)
        profiles.add(
            "[default]\naws_access_key_id = new\n[other]\n; x\naws_secret_access_key = a=b\n",
            isConfiguration: false)
        #expect(
            profiles["default"]
                == ["region": "eu-west-1", "aws_access_key_id": "new", "s3": ""])
        #expect(profiles["work"] == ["role_arn": "arn:x"])
        #expect(profiles["other"] == ["aws_secret_access_key": "a=b"])
        #expect(profiles["services"] == nil)
    }

    @Test("settings may be indented, and names stand in quotes, as AWS's own programs have them")
    func indentedProfiles() {
        var profiles = AWSProfiles()
        profiles.add(
            """
            [default]
              aws_access_key_id = a
              s3 =
                endpoint_url = nowhere
              aws_secret_access_key = b
            [profile "my team"]
            region = x
              endpoint_url = nowhere
            [profile 'other']
            region = y
            """, isConfiguration: true)
        #expect(
            profiles["default"]
                == ["aws_access_key_id": "a", "aws_secret_access_key": "b", "s3": ""])
        #expect(profiles["my team"] == ["region": "x"])
        #expect(profiles["other"] == ["region": "y"])
    }
}
