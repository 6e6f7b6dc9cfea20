import type { Command } from 'commander';
import { bind, type Options, type Session, type Shell } from './command.ts';
import { bold, printTable } from './output.ts';
import { listOf, printAll, type Subscription } from './subscription-table.ts';
import { valuesOf } from './set-values.ts';

interface Form {
  questions: { name: string; ask: string; type: string; choices: string[] | null; required: boolean }[];
  terms: {
    product: string;
    version: string;
    contracts: { dataset: string; version: string; usage: string | null; limitations: string | null }[];
  }[];
}

interface Basket {
  id: string;
  requests: Subscription[];
}

export function addRequest(program: Command, shell: Shell): void {
  const request = program
    .command('request')
    .argument('<product...>', 'DOMAIN.PRODUCT; several are asked for together, all or none')
    .description('ask a producer for access')
    .option('--purpose <text>', 'what the data will be used for')
    .option('--columns <list>', 'only these columns, separated by commas')
    .option('--answer <name=value...>', 'answer a question of the form')
    .option('--agree <version...>', 'agree to the terms in this version')
    .option('--until <date>', 'end date')
    .option('--domain <domain>', 'the consumer domain, when you belong to several')
    .option('--form', 'show what is asked, and ask for nothing');
  bind(request, shell, async (session, products, options) => {
    if (options['form'] === true) return showForm(session, products);
    if (options['purpose'] === undefined) request.error("required option '--purpose <text>' not specified");
    if (products.length > 1 && options['columns'] !== undefined)
      request.error("option '--columns' is for one product");
    await send(session, products, options);
  });

  const basket = program
    .command('basket')
    .argument('<id>')
    .description('how far requests have come that were sent together');
  bind(basket, shell, async (session, [id = '']) => {
    const path = `/baskets/${encodeURIComponent(id)}`;
    const answer = await session.client.call<Basket>({ method: 'GET', path });
    printAll(session, answer.requests, answer);
  });
}

async function send(session: Session, products: string[], options: Options): Promise<void> {
  const { purpose, columns, until, domain, agree: agreed } = options;
  const body = { purpose, until, domain, agreed, answers: valuesOf(options['answer']) };
  const [product] = products;
  if (products.length === 1) {
    const one = { ...body, product, columns: listOf(columns) };
    const answer = await session.client.call<Subscription>({ method: 'POST', path: '/requests', body: one });
    return printAll(session, [answer], answer);
  }
  const call = { method: 'POST', path: '/baskets', body: { ...body, products } } as const;
  const answer = await session.client.call<Basket>(call);
  printAll(session, answer.requests, answer);
  if (!session.out.json) session.out.say(`crossdock basket ${answer.id} shows how far they have come\n`);
}

async function showForm({ client, out }: Session, products: string[]): Promise<void> {
  const query = { products: products.join(',') };
  const form = await client.call<Form>({ method: 'GET', path: '/request-form', query });
  if (out.json) return out.write(`${JSON.stringify(form, null, 2)}\n`);
  printTable(
    out,
    ['question', 'asks', 'answer', 'required'],
    [
      ['purpose', 'What will the data be used for?', 'text (--purpose)', 'yes'],
      ...form.questions.map(({ name, ask, type, choices, required }) => [
        ...[name, ask, choices?.join(', ') ?? type],
        required ? 'yes' : '',
      ]),
    ],
  );
  for (const { product, version, contracts } of form.terms) {
    out.write(`\n${bold(out, `terms of ${product}`)}: --agree ${version}\n`);
    for (const { dataset, version: of, usage, limitations } of contracts) {
      out.write(`  ${dataset} ${of}\n`);
      for (const text of [usage, limitations]) if (text !== null) out.write(`    ${oneLine(text)}\n`);
    }
  }
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ');
