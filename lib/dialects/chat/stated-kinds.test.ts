import { describe, expect, test } from "vitest";
import { gif, mp3, pdf, png, wav } from "#lib/dialects/media/testing/media-files";
import { chat } from "./dialect";

const requestMedia = (part: object) =>
  chat.parse(JSON.stringify({ model: "m", messages: [{ role: "user", content: [part] }] })).media;

const url = (type: string, base64: string) => `data:${type};base64,${base64}`;
/** A picture to most readers; PDF readers and MP3 decoders skip its head. */
const joined = (...files: readonly string[]) =>
  Buffer.concat(files.map((file) => Buffer.from(file, "base64"))).toString("base64");
const PICTURE = png(1, 1, 100);
const PICTURE_AND_PDF = joined(PICTURE, pdf(3));
const PICTURE_AND_MP3 = joined(PICTURE, mp3(5));
const WAV_AND_PDF = joined(wav(0.01), pdf(3));

const image = (fields: object, rest: object = {}) => ({ type: "image_url", image_url: fields, ...rest });
const file = (fields: object) => ({ type: "file", file: fields });

describe("a medium that is stated to be two things is bounded by nothing", () => {
  test.each<[string, object]>([
    // docs.litellm.ai/docs/completion/vision: `format` is the type.
    [
      "a picture in the format of a document",
      image({ url: url("image/png", PICTURE_AND_PDF), format: "application/pdf" }),
    ],
    [
      "a picture in a format of sound",
      image({ url: url("image/png", PICTURE_AND_MP3), format: "audio/mp3" }),
    ],
    [
      "a picture with another media type",
      image({ url: url("image/png", PICTURE_AND_PDF), mime_type: "Application/PDF" }),
    ],
    [
      "the second of two media types",
      image({ url: url("image/png", PICTURE), media_type: "image/png", mime_type: "video/mp4" }),
    ],
    ["a file's format", file({ file_data: url("image/png", PICTURE_AND_PDF), format: "application/pdf" })],
    ["a file's name", file({ file_data: url("image/png", PICTURE), filename: "a.pdf" })],
    ["a file whose bytes are also a document", file({ file_data: url("image/png", PICTURE_AND_PDF) })],
    ["sound whose bytes are also a document", file({ file_data: url("audio/wav", WAV_AND_PDF) })],
    ["a file of Responses", { type: "input_file", filename: "A.PDF", file_data: url("image/png", PICTURE) }],
    ["a document that is a picture", { type: "document_url", document_url: url("image/png", PICTURE) }],
    [
      "a document of messages",
      { type: "document", source: { type: "base64", media_type: "IMAGE/PNG", data: PICTURE_AND_PDF } },
    ],
    // vllm/multimodal/video.py reads the bytes, whatever the type.
    ["a film that is a picture", { type: "video_url", video_url: { url: url("image/gif", gif(9, 9)) } }],
    ["a film in a field", { type: "video", video: url("image/gif", gif(9, 9)) }],
    ["a film that is sound", { type: "video_url", video_url: { url: url("audio/wav", wav(1)) } }],
    ["sound that is a picture", { type: "audio_url", audio_url: { url: url("image/png", PICTURE_AND_MP3) } }],
    [
      "sound of a format that is a picture",
      { type: "input_audio", input_audio: { data: url("image/png", PICTURE), format: "mp3" } },
    ],
    ["a picture that is sound", image({ url: url("audio/wav", wav(1)) })],
  ])("%s", (_, part) => {
    expect(requestMedia(part).unboundedParam).toMatch(/^messages\[0\]\.content\[0\]/);
  });
});

describe("a medium that is stated to be one thing is bounded", () => {
  test.each<[string, object]>([
    ["a picture", image({ url: url("image/png", PICTURE) })],
    ["a picture with its format", image({ url: url("image/png", PICTURE), format: "image/png" })],
    ["a picture as a file", file({ file_data: url("image/png", PICTURE), filename: "a.png" })],
    [
      "a picture as a file without an extension",
      file({ file_data: url("image/png", PICTURE), filename: "a" }),
    ],
    ["sound", { type: "input_audio", input_audio: { data: wav(1), format: "wav" } }],
    [
      "sound as a file",
      file({ file_data: url("audio/wav", wav(1)), format: "audio/wav", filename: "a.wav" }),
    ],
    [
      "a text",
      file({ file_data: url("text/plain", Buffer.from("Hello!").toString("base64")), filename: "a.txt" }),
    ],
    [
      "a message's picture",
      { type: "image", source: { type: "base64", media_type: "image/png", data: PICTURE } },
    ],
    [
      "a message's text",
      { type: "document", source: { type: "text", media_type: "text/plain", data: "Hello!" } },
    ],
  ])("%s", (_, part) => {
    expect(requestMedia(part).unboundedParam).toBeNull();
  });
});
