import type { Metadata } from "next";
import { Table, Td, Th, Tr } from "#components/ui/table";
import { COMMON_MISTAKES } from "#lib/guides/common-mistakes";
import { ERROR_HELP, statusOfCode } from "#lib/guides/error-help";
import { DocsArticle, DocsSection, Prose } from "../prose";

export const metadata: Metadata = { title: "Troubleshooting" };

type HelpRow = { id: string; symptom: string; cause: string; action: string };

const CODES: readonly HelpRow[] = Object.entries(ERROR_HELP).map(([code, help]) => ({
  id: code,
  symptom: `${statusOfCode(code) ?? "row"} \`${code}\``,
  ...help,
}));

const MISTAKES: readonly HelpRow[] = COMMON_MISTAKES.map((help, place) => ({
  id: `mistake-${place}`,
  ...help,
}));

/** What goes wrong, why, and what to do: every code of an error, and what people often take for one. */
export default function TroubleshootingPage() {
  return (
    <DocsArticle title="Troubleshooting">
      <p className="text-ink-2 text-sm">
        <Prose>
          {
            "The code is in `error.code` of an answer; on `/v1/messages` in the header `x-tollgate-code`. Each answer has an `x-request-id`: `GET /requests/{id}` and the portal's page Requests find the request by it, `GET /rejections/{id}` and the page Rejections a rejected one."
          }
        </Prose>
      </p>
      <DocsSection id="mistakes" title="Common mistakes">
        <HelpTable label="Common mistakes" rows={MISTAKES} />
      </DocsSection>
      <DocsSection id="codes" title="Error codes">
        <HelpTable label="Error codes" rows={CODES} />
      </DocsSection>
    </DocsArticle>
  );
}

function HelpTable({ label, rows }: { label: string; rows: readonly HelpRow[] }) {
  return (
    <Table
      label={label}
      head={
        <>
          <Th className="w-1/4">Symptom</Th>
          <Th>Cause</Th>
          <Th>What to do</Th>
        </>
      }
    >
      {rows.map(({ id, symptom, cause, action }) => (
        <Tr key={id} id={id} className="target:bg-sunken">
          {[symptom, cause, action].map((text) => (
            <Td key={text} className="min-w-40 whitespace-normal py-2 align-top leading-5">
              <Prose>{text}</Prose>
            </Td>
          ))}
        </Tr>
      ))}
    </Table>
  );
}
