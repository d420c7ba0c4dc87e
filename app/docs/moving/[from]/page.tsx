import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { CodeBlock } from "#components/ui/code-block";
import { Table, Td, Th, Tr } from "#components/ui/table";
import type { MovingGuide } from "#lib/guides/moving/guide";
import { MOVING_GUIDES } from "#lib/guides/moving/guides";
import { DocsArticle, DocsSection, Prose } from "../../prose";

type Props = { params: Promise<{ from: string }> };

const guideOf = async ({ params }: Props): Promise<MovingGuide | undefined> => {
  const { from } = await params;
  return MOVING_GUIDES.find(({ id }) => id === from);
};

export const generateMetadata = async (props: Props): Promise<Metadata> => ({
  title: (await guideOf(props))?.title ?? "Not found",
});

/** How to move in from one kind of gateway. */
export default async function MovingGuidePage(props: Props) {
  const guide = await guideOf(props);
  if (guide === undefined) notFound();
  return (
    <DocsArticle title={`Moving in: ${guide.title}`}>
      <p className="text-ink-2 text-sm">
        <Prose>{guide.summary}</Prose>
      </p>
      <DocsSection id="terms" title="What it is called here">
        <Pairs head={["There", "Here"]} rows={guide.terms.map(({ theirs, ours }) => [theirs, ours])} />
      </DocsSection>
      {guide.steps.map(({ title, text, code }, place) => (
        <DocsSection key={title} id={`step-${place + 1}`} title={`${place + 1}. ${title}`}>
          <p className="text-ink-2 text-sm">
            <Prose>{text}</Prose>
          </p>
          {code === undefined ? null : (
            <CodeBlock code={code} label={title} className="rounded-lg border bg-sunken" />
          )}
        </DocsSection>
      ))}
      <DocsSection id="left" title="What stays behind">
        <Pairs
          head={["What", "Why, and what instead"]}
          rows={guide.left.map(({ what, why }) => [what, why])}
        />
      </DocsSection>
    </DocsArticle>
  );
}

type PairsProps = { head: readonly [string, string]; rows: readonly [string, string][] };

function Pairs({ head: [first, second], rows }: PairsProps) {
  return (
    <Table
      label={`${first}, ${second.toLowerCase()}`}
      head={
        <>
          <Th className="w-2/5">{first}</Th>
          <Th>{second}</Th>
        </>
      }
    >
      {rows.map(([left, right]) => (
        <Tr key={left}>
          <Td className="min-w-40 whitespace-normal py-2 align-top leading-5">
            <Prose>{left}</Prose>
          </Td>
          <Td className="min-w-40 whitespace-normal py-2 align-top leading-5">
            <Prose>{right}</Prose>
          </Td>
        </Tr>
      ))}
    </Table>
  );
}
