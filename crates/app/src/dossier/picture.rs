//! What is uploaded → what may be kept: pictures decoded and encoded anew, so that nothing of where
//! and when they were taken stays in them.

use flate2::read::ZlibDecoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::{Cursor, Read};

/// Long side in pixels: a page of handwriting stays readable.
const LONG_SIDE: u32 = 1_600;
/// The same where many stand on one paper.
const SMALL_SIDE: u32 = 512;
const QUALITY: u8 = 82;
const LARGEST_SIDE: u32 = 12_000;
const MOST_MEMORY: u64 = 256 * 1024 * 1024;

/// As it is kept.
pub struct Kept {
    pub media: &'static str,
    pub bytes: Vec<u8>,
    /// The same for where many stand together; `None`: it is small itself, or a scan.
    pub small: Option<Vec<u8>>,
}

const PDF: &str = "application/pdf";
const JPEG: &str = "image/jpeg";

/// Reads by what the bytes are, whatever the name says; the sentence says what to do instead.
pub fn keep(bytes: &[u8]) -> Result<Kept, String> {
    let format = match bytes {
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat::Jpeg,
        [0x89, b'P', b'N', b'G', ..] => ImageFormat::Png,
        [b'%', b'P', b'D', b'F', b'-', ..] => return scan(bytes),
        [] => return Err("请选一张照片或一份PDF。".to_owned()),
        _ => {
            return Err(
                "只收JPEG、PNG照片和PDF扫描件。别的格式请先在手机或电脑里另存成照片。".to_owned(),
            );
        }
    };
    const BROKEN: &str = "这张照片打不开，可能没有传完。请再选一次，或者重新拍一张。";
    if format == ImageFormat::Jpeg && !is_whole(bytes) {
        return Err(BROKEN.to_owned());
    }
    let sides = ImageReader::with_format(Cursor::new(bytes), format).into_dimensions();
    if sides.is_ok_and(|(width, height)| width.max(height) > LARGEST_SIDE) {
        return Err(format!(
            "这张照片太大，边长超过{LARGEST_SIDE}个点。请在手机里存小一点，或者截一张图再放。"
        ));
    }
    let picture = read(bytes, format).map_err(|_| BROKEN.to_owned())?;
    let unkept = |_| "这张照片存不了，请重新拍一张。".to_owned();
    let large = fitted(picture, LONG_SIDE);
    let bytes = encoded(&large).map_err(unkept)?;
    let is_small = longest(&large) <= SMALL_SIDE;
    let small = (!is_small).then(|| encoded(&fitted(large, SMALL_SIDE)));
    Ok(Kept {
        media: JPEG,
        bytes,
        small: small.transpose().map_err(unkept)?,
    })
}

/// Whether a JPEG was brought to its end: one that broke off is unpacked all the same, the rest grey.
/// Parts before the picture, a preview among them, say their length and are passed over.
fn is_whole(bytes: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xDA;
    const END: [u8; 2] = [0xFF, 0xD9];
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xFF, kind, high, low, ..] = *rest {
        if kind == START_OF_SCAN {
            return place(&END, rest).is_some();
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        rest = match kind {
            // A byte that only fills.
            0xFF => rest.get(1..).unwrap_or_default(),
            _ => rest.get(2 + length..).unwrap_or_default(),
        };
    }
    false
}

/// A kept picture, smaller: for a paper that shows many. `None`: it cannot be read any more.
pub fn smaller(bytes: &[u8]) -> Option<Vec<u8>> {
    let (width, height) = sides(bytes)?;
    if width.max(height) <= SMALL_SIDE {
        return Some(bytes.to_vec());
    }
    let picture = read(bytes, ImageFormat::Jpeg).ok()?;
    // Quick and a little coarser: a hundred of them are made while somebody waits.
    encoded(&picture.thumbnail(SMALL_SIDE, SMALL_SIDE)).ok()
}

fn longest(picture: &DynamicImage) -> u32 {
    picture.width().max(picture.height())
}

fn sides(bytes: &[u8]) -> Option<(u32, u32)> {
    let reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Jpeg);
    reader.into_dimensions().ok()
}

/// How many points it has when it is unpacked, by its head. `None`: it cannot be read any more.
pub fn points(bytes: &[u8]) -> Option<u32> {
    let (width, height) = sides(bytes)?;
    width.checked_mul(height)
}

fn fitted(picture: DynamicImage, side: u32) -> DynamicImage {
    if longest(&picture) <= side {
        return picture;
    }
    picture.resize(side, side, image::imageops::FilterType::Triangle)
}

fn encoded(picture: &DynamicImage) -> image::ImageResult<Vec<u8>> {
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, QUALITY)
        .encode_image(&DynamicImage::ImageRgb8(picture.to_rgb8()))?;
    Ok(out)
}

/// What a scanner never writes and a reader might act on.
const ACTIVE: [&str; 6] = [
    "JavaScript",
    "JS",
    "Launch",
    "EmbeddedFile",
    "RichMedia",
    "Encrypt",
];

/// A scan is kept as it came: whole, open, and without anything that acts by itself.
fn scan(bytes: &[u8]) -> Result<Kept, String> {
    if !bytes
        .windows(5)
        .rev()
        .take(2_048)
        .any(|end| end == b"%%EOF")
    {
        return Err("这份PDF没有传完。请再选一次。".to_owned());
    }
    if !objects(bytes).is_some_and(|all| all.iter().all(|one| !acts(one))) {
        return Err(
            "这份PDF加了密，或者里面有会自己动的东西。请在扫描软件里重新存一份，或者直接拍照。"
                .to_owned(),
        );
    }
    Ok(Kept {
        media: PDF,
        bytes: bytes.to_vec(),
        small: None,
    })
}

fn acts(bytes: &[u8]) -> bool {
    names(bytes).any(|name| ACTIVE.contains(&name.as_str()))
}

/// Objects packed into a scan unpack to no more than this.
const MOST_UNPACKED: u64 = 32 * 1024 * 1024;
const BEGINS: &[u8] = b"stream";
const ENDS: &[u8] = b"endstream";

fn place(of: &[u8], bytes: &[u8]) -> Option<usize> {
    bytes.windows(of.len()).position(|part| part == of)
}

/// The objects of a PDF: what stands between its streams, and what is packed in those that hold
/// objects. `None` where some are packed in a way that no scanner uses, so that nobody can say what
/// they do. The bytes of pictures and of text are no objects, and may spell anything.
fn objects(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    let mut left = MOST_UNPACKED;
    let mut rest = bytes;
    while let Some(at) = place(BEGINS, rest) {
        let (head, body) = rest.split_at_checked(at)?;
        found.push(head.to_vec());
        let body = body.get(BEGINS.len()..)?;
        if let Some(unpacked) = unpacked(head, body, left)? {
            left = left.checked_sub(u64::try_from(unpacked.len()).ok()?)?;
            found.push(unpacked);
        }
        let Some(end) = place(ENDS, body) else {
            rest = body;
            break;
        };
        rest = body.get(end + ENDS.len()..)?;
    }
    found.push(rest.to_vec());
    Some(found)
}

/// What a stream of objects unpacks to; of another stream nothing.
fn unpacked(head: &[u8], body: &[u8], most: u64) -> Option<Option<Vec<u8>>> {
    let said: Vec<String> = names(head).collect();
    let says = |name: &str| said.iter().any(|own| own == name);
    if !says("ObjStm") {
        return Some(None);
    }
    let filters = said.iter().filter(|name| name.ends_with("Decode")).count();
    if !says("FlateDecode") || filters > 1 || says("DecodeParms") {
        return None;
    }
    let line = body.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let packed = body.get(line.count()..)?;
    let mut unpacked = Vec::new();
    let mut reader = ZlibDecoder::new(packed).take(most + 1);
    reader.read_to_end(&mut unpacked).ok()?;
    Some(Some(unpacked))
}

/// The names of a PDF, `#4A` read as J.
fn names(bytes: &[u8]) -> impl Iterator<Item = String> {
    bytes.split(|byte| *byte == b'/').skip(1).map(|rest| {
        let own = rest.iter().take(40);
        let own = own.take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#');
        let text: String = own.map(|byte| char::from(*byte)).collect();
        unescaped(&text)
    })
}

fn unescaped(name: &str) -> String {
    let mut parts = name.split('#');
    let mut found = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let letter = part
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        found.extend(letter.map(char::from));
        found.push_str(part.get(2..).unwrap_or_default());
    }
    found
}

fn read(bytes: &[u8], format: ImageFormat) -> image::ImageResult<DynamicImage> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST_SIDE);
    limits.max_image_height = Some(LARGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    // A telephone held upright writes how to turn the picture beside it; that goes, the turn stays.
    let turned = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(turned);
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(width, height)
            .write_to(&mut out, ImageFormat::Png)
            .unwrap();
        out.into_inner()
    }

    #[test]
    fn a_large_picture_is_made_small_and_loses_what_stood_beside_it() {
        let mut bytes = png(3_000, 1_500);
        // A text chunk as a camera would leave it.
        let marker = b"GPS 31.9N 118.7E";
        bytes.extend_from_slice(marker);
        let kept = keep(&bytes).unwrap();
        assert_eq!(kept.media, "image/jpeg");
        let again = image::load_from_memory(&kept.bytes).unwrap();
        assert_eq!((again.width(), again.height()), (1_600, 800));
        assert!(!kept.bytes.windows(marker.len()).any(|part| part == marker));
    }

    #[test]
    fn a_picture_among_many_is_smaller_and_a_small_one_stays() {
        let kept = keep(&png(2_000, 1_000)).unwrap();
        let beside = kept.small.unwrap();
        for small in [smaller(&kept.bytes).unwrap(), beside] {
            let again = image::load_from_memory(&small).unwrap();
            assert_eq!((again.width(), again.height()), (512, 256));
            assert_eq!(points(&small), Some(512 * 256));
            assert_eq!(smaller(&small), Some(small));
        }
        assert_eq!(smaller(b"broken"), None);
        assert_eq!(keep(&png(512, 256)).unwrap().small, None);
    }

    #[test]
    fn a_photograph_that_broke_off_is_not_kept() {
        let whole = keep(&png(700, 350)).unwrap().bytes;
        assert!(keep(&whole).is_ok());
        for part in [3, 2] {
            assert!(keep(&whole[..whole.len() * (part - 1) / part]).is_err());
        }
        // A telephone may put a film behind the picture.
        assert!(keep(&[whole.as_slice(), b"film"].concat()).is_ok());
    }

    #[test]
    fn what_is_no_picture_gets_a_sentence() {
        for bytes in [
            &b"GIF89a"[..],
            b"<html>",
            b"",
            b"\xFF\xD8\xFFbroken",
            b"\x89PNGbroken",
        ] {
            assert!(keep(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn a_scan_is_kept_and_what_acts_by_itself_is_not() {
        let scan = |inside: &str| keep(format!("%PDF-1.7\n{inside}\n%%EOF\n").as_bytes());
        assert_eq!(scan("<</Type/Page>>").unwrap().media, "application/pdf");
        for inside in ["<</S/JavaScript>>", "<</J#53 (x)>>", "<</Encrypt 1 0 R>>"] {
            assert!(scan(inside).is_err(), "{inside}");
        }
        assert!(keep(b"%PDF-1.7 <</Type/Page>>").is_err());
    }

    #[test]
    fn packed_objects_are_looked_into() {
        let packed = |head: &str, inside: &str| {
            let mut pack = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
            std::io::Write::write_all(&mut pack, inside.as_bytes()).unwrap();
            let mut bytes = format!("%PDF-1.7\n1 0 obj<<{head}>>stream\r\n").into_bytes();
            bytes.extend(pack.finish().unwrap());
            bytes.extend_from_slice(b"\nendstream endobj\n%%EOF\n");
            keep(&bytes).is_ok()
        };
        let objects = "/Type/ObjStm/N 1/First 4/Filter/FlateDecode";
        assert!(packed(objects, "2 0 <</Type/Page>>"));
        assert!(!packed(objects, "2 0 <</S/JavaScript/JS(app.alert(1))>>"));
        assert!(!packed(objects, &"x".repeat(40 << 20)));
        assert!(!packed(
            "/Type/ObjStm/Filter[/ASCIIHexDecode/FlateDecode]",
            "2 0 <<>>"
        ));
        assert!(!packed("/Type/ObjStm/Filter/LZWDecode", "2 0 <<>>"));
        assert!(packed(
            "/Type/XObject/Filter/FlateDecode",
            "anything /JS at all"
        ));
    }
}
