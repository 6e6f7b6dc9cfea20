import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Product, Role } from '../api-types.ts';
import { formatDay } from '../format.ts';
import { Facts } from '../parts/page.tsx';
import { productSegment } from '../product-address.ts';
import { Inline } from '../parts/prose.tsx';

const linkStyle = 'text-accent underline-offset-2 hover:underline';

/** What stands beside the data: who answers for it, what it is for, where it comes from. */
export function ProductRail({ product }: { product: Product }) {
  const facts: [string, ReactNode][] = [['Owner', <Owner key="owner" product={product} />]];
  // A short product document says the same in both.
  if (product.purpose && product.purpose !== product.description)
    facts.push(['Meant for', <Inline key="purpose" text={product.purpose} />]);
  if (product.limitations) facts.push(['Limitations', <Inline key="limits" text={product.limitations} />]);
  facts.push(['Made from', <Inputs key="inputs" product={product} />]);
  if (product.support.length > 0) facts.push(['Support', <Support key="support" product={product} />]);
  if (product.versions.length > 0) facts.push(['Versions', <Versions key="versions" product={product} />]);
  if (product.erasable.length > 0)
    facts.push(['Data subjects', <Subjects key="subjects" product={product} />]);
  return <Facts facts={facts} />;
}

const Subjects = ({ product }: { product: Product }) => (
  <Link
    to="/erasures"
    search={{ product: `${product.domain}.${productSegment(product)}` }}
    className={linkStyle}
  >
    Erase a {product.erasable.join(' or ')}
  </Link>
);

const ROLES: Role[] = ['owner', 'steward', 'engineer', 'analyst'];

/** Those who decide first. */
const byRole = (members: Product['owner']['members']) =>
  members.toSorted((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role));

function Owner({ product: { owner } }: { product: Product }) {
  return (
    <>
      <Link to="/" search={{ domain: owner.domain }} className={linkStyle}>
        {owner.title}
      </Link>
      <ul className="mt-1 text-sm text-ink-soft">
        {byRole(owner.members).map((member) => (
          <li key={`${member.name} ${member.role}`} className="flex justify-between gap-3">
            <span className="truncate">{member.name}</span>
            <span className="text-ink-faint">{member.role}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Inputs({ product: { inputs } }: { product: Product }) {
  if (inputs.length === 0) return <span className="text-ink-soft">its own domain's sources</span>;
  return (
    <ul className="space-y-0.5">
      {inputs.map((input) => (
        <li key={`${input.domain}.${input.product}`}>
          <Link
            to="/products/$domain/$product"
            params={{ domain: input.domain, product: input.product }}
            className={`font-mono text-sm ${linkStyle}`}
          >
            {input.domain}.{input.product}
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** A contract is written by people: only addresses a browser may safely open become links. */
const isSafeLink = (url: string) => /^(https?:\/\/|mailto:)/i.test(url);

function Support({ product: { support } }: { product: Product }) {
  return (
    <ul className="space-y-0.5">
      {support.map(({ channel, url }) => (
        <li key={`${channel} ${url}`} className="break-words">
          {url && isSafeLink(url) ? (
            <a href={url} rel="noreferrer" target="_blank" className={linkStyle}>
              {channel}
            </a>
          ) : (
            [channel, url].filter(Boolean).join(': ')
          )}
        </li>
      ))}
    </ul>
  );
}

function Versions({ product: { versions } }: { product: Product }) {
  return (
    <ul className="space-y-0.5 text-sm">
      {versions.slice(0, 6).map(({ version, publishedAt }) => (
        <li key={version} className="flex justify-between gap-3">
          <span className="font-mono">{version}</span>
          <time dateTime={publishedAt} className="text-ink-faint">
            {formatDay(publishedAt)}
          </time>
        </li>
      ))}
      {versions.length > 6 && <li className="text-ink-faint">and {versions.length - 6} earlier</li>}
    </ul>
  );
}
