import { type LoadedTagger, loadTagger, type TaggedSentence } from '..';
import { type Range, sentencesIn, TOKENISERS, type TokeniserName } from '../../spans/text';

/*
 * What the page of `export --to web` does: tags what is typed, and shows it. Its markup is made by `export/web.ts`; the two know each
 * other by the ids of elements. Text becomes text of the document, never markup.
 */

/** Series colours of the style sheet. */
const COLOURS = 8;

/** So surely and more the tagger answers; below, an entity is drawn as a guess. */
const SURE = 0.5;

/** After the last key, before the tagger begins. */
const PAUSE_MS = 120;

/** Sentences between two looks at the keyboard. */
const TURN = 8;

/** Rows of the table of tokens: a browser takes long to lay more out. */
const LISTED = 2000;

/** A sentence in the text, and its tokens, all as indices of the text. */
interface Split {
  readonly start: number;
  readonly tokens: readonly Range[];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: (Node | string)[]
): HTMLElement {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** The bytes that the page carries, in base64. */
function carried(id: string): Uint8Array {
  const text = atob(byId(id).textContent);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Running text sentence by sentence; where tokens stand between blanks, a sentence a line. */
function splitText(text: string, tokeniser: TokeniserName): Split[] {
  const splits: Split[] = [];
  const { split } = TOKENISERS[tokeniser];
  for (const { 0: paragraph, index } of text.matchAll(tokeniser === 'blanks' ? /[^\n]+/g : /[^\n]+(\n[^\n]+)*/g)) {
    const sentences = tokeniser === 'blanks' ? [{ start: 0, end: paragraph.length }] : sentencesIn(paragraph);
    for (const { start, end } of sentences) {
      const at = index + start;
      const tokens = split(paragraph.slice(start, end)).map((range) => ({
        start: at + range.start,
        end: at + range.end,
      }));
      if (tokens.length > 0) splits.push({ start: at, tokens });
    }
  }
  return splits;
}

/** Classes by name, each with its colour. */
function coloured(names: readonly string[]): (name: string) => string {
  const places = new Map(names.map((name, i) => [name, i % COLOURS]));
  return (name) => `var(--s${places.get(name) ?? 0})`;
}

/** What a hint says, a line each: the first is the answer. */
type Hint = readonly string[];

/** One hint at a time, for what the pointer is on or the keyboard has reached. */
function createHints(within: HTMLElement): (target: HTMLElement, hint: Hint) => void {
  const hints = new WeakMap<Element, Hint>();
  const box = element('div', { id: 'hint', role: 'tooltip', hidden: '' });
  document.body.append(box);
  let shown: Element | null = null;

  const targetOf = (event: Event): Element | null => {
    let at = event.target instanceof Element ? event.target : null;
    while (at && !hints.has(at)) at = at.parentElement;
    return at;
  };
  function hide(): void {
    shown?.removeAttribute('aria-describedby');
    shown = null;
    box.hidden = true;
  }
  function show(target: Element): void {
    if (target === shown) return;
    hide();
    shown = target;
    target.setAttribute('aria-describedby', 'hint');
    box.replaceChildren(...(hints.get(target) ?? []).map((line) => element('div', {}, line)));
    box.hidden = false;
    const [place, size] = [target.getClientRects()[0] ?? target.getBoundingClientRect(), box.getBoundingClientRect()];
    const left = Math.max(8, Math.min(place.left, document.documentElement.clientWidth - size.width - 8));
    const above = place.top - size.height - 6;
    box.style.left = `${left + scrollX}px`;
    box.style.top = `${(above < 4 ? place.bottom + 6 : above) + scrollY}px`;
  }
  within.addEventListener('focusin', (event) => {
    const target = targetOf(event);
    if (target) show(target);
  });
  within.addEventListener('focusout', hide);
  // not `pointerover`, which comes to a pointer that rests when the keyboard scrolls the text under it
  within.addEventListener('pointermove', (event) => {
    const target = targetOf(event);
    if (target) show(target);
    else hide();
  });
  within.addEventListener('pointerleave', hide);
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') hide();
  });
  return (target, hint) => hints.set(target, hint);
}

/** One stop of the tab key for many items: the arrow keys go from one to the next. */
function createWalk(within: HTMLElement): (items: readonly HTMLElement[]) => void {
  let items: readonly HTMLElement[] = [];
  const reach = (i: number): void => {
    items.forEach((item, k) => (item.tabIndex = k === i ? 0 : -1));
  };
  within.addEventListener('focusin', ({ target }) => {
    const at = items.indexOf(target as HTMLElement);
    if (at >= 0) reach(at);
  });
  within.addEventListener('keydown', (event) => {
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    items[Math.max(0, Math.min(to, items.length - 1))]?.focus();
  });
  return (next) => {
    items = next;
    reach(0);
  };
}

function start(tagger: LoadedTagger): void {
  const [input, output, legend, state, rows] = [
    byId('text'),
    byId('tagged'),
    byId('legend'),
    byId('state'),
    byId('tokens'),
  ];
  if (!(input instanceof HTMLTextAreaElement)) throw new Error('the page has no field for text');
  const choices = [...document.querySelectorAll<HTMLInputElement>('input[name=tokeniser]')];
  const { types } = tagger;
  const names = types ?? tagger.labels;
  const colourOf = coloured(names);
  const hint = createHints(output);
  const walk = createWalk(output);
  let turn = 0;

  const chosen = (): TokeniserName => (choices.find(({ checked }) => checked)?.value ?? 'words') as TokeniserName;
  const dyed = (
    name: string,
    attributes: Readonly<Record<string, string>>,
    type: string,
    ...children: (Node | string)[]
  ) => {
    const made = element(name, attributes, ...children);
    made.style.setProperty('--own', colourOf(type));
    return made;
  };

  function showLegend(found: ReadonlyMap<string, number>): void {
    legend.replaceChildren(
      ...names.map((name) => {
        const times = found.get(name);
        return element(
          'li',
          {},
          dyed('span', { class: 'swatch', 'aria-hidden': 'true' }, name),
          ` ${name}${times === undefined ? '' : ` (${times.toLocaleString('en-US')})`}`,
        );
      }),
    );
  }

  /** A sentence as it was typed, its entities or tagged tokens marked. */
  function sentenceMarkup(
    text: string,
    { start: from, tokens }: Split,
    { tokens: tagged, entities }: TaggedSentence,
    items: HTMLElement[],
  ): HTMLElement {
    const hintOf = (i: number): string =>
      `${tagged[i]?.token ?? ''}: ${tagged[i]?.tag ?? ''} ${percent(tagged[i]?.probability ?? 0)}`;
    const token = (i: number): HTMLElement => {
      const made = element('span', { class: 'token' }, text.slice(tokens[i]?.start, tokens[i]?.end));
      hint(made, [hintOf(i)]);
      return made;
    };
    const line = element('p', { class: 'sentence' });
    let [at, next] = [from, 0]; // what was written, and the next entity
    const upTo = (into: HTMLElement, i: number): void => {
      into.append(text.slice(at, tokens[i]?.start));
      at = tokens[i]?.end ?? at;
    };
    for (let i = 0; i < tokens.length; i++) {
      const entity = entities[next];
      if (types === null) {
        const tag = tagged[i]?.tag ?? '';
        upTo(line, i);
        const made = dyed(
          'mark',
          { class: 'entity' },
          tag,
          text.slice(tokens[i]?.start, tokens[i]?.end),
          element('span', { class: 'type' }, tag),
        );
        hint(made, [hintOf(i)]);
        items.push(made);
        line.append(made);
      } else if (entity?.start === i) {
        const made = dyed('mark', { class: entity.probability < SURE ? 'entity guess' : 'entity' }, entity.type);
        line.append(text.slice(at, tokens[i]?.start));
        at = tokens[i]?.start ?? at;
        for (; i < entity.end; i++) {
          upTo(made, i);
          made.append(token(i));
        }
        i--;
        next++;
        made.append(element('span', { class: 'type' }, entity.type));
        const own = Array.from({ length: entity.end - entity.start }, (_, k) => hintOf(entity.start + k));
        hint(made, [`${entity.type} ${percent(entity.probability)}`, ...own]);
        items.push(made);
        line.append(made);
      } else {
        upTo(line, i);
        line.append(token(i));
      }
    }
    return line;
  }

  function listTokens(tagged: readonly TaggedSentence[]): void {
    const all: HTMLElement[] = [];
    for (const [s, { tokens }] of tagged.entries())
      for (const { token, tag, probability } of tokens) {
        if (all.length === LISTED) break;
        all.push(
          element(
            'tr',
            {},
            element('td', {}, String(s + 1)),
            element('th', { scope: 'row', class: 't' }, token),
            element('td', { class: 't' }, tag),
            element('td', {}, percent(probability)),
          ),
        );
      }
    rows.replaceChildren(...all);
  }

  async function tagNow(): Promise<void> {
    const own = ++turn;
    const text = input instanceof HTMLTextAreaElement ? input.value : '';
    const splits = splitText(text, chosen());
    const begun = performance.now();
    const tagged: TaggedSentence[] = [];
    const items: HTMLElement[] = [];
    const lines: HTMLElement[] = [];
    let busy = 0;
    while (tagged.length < splits.length) {
      const now = splits.slice(tagged.length, tagged.length + TURN);
      const from = performance.now();
      const done = await tagger.tag(now.map(({ tokens }) => tokens.map(({ start, end }) => text.slice(start, end))));
      busy += performance.now() - from;
      if (own !== turn) return; // another text by now
      done.forEach((sentence, i) => {
        const split = now[i];
        if (split) lines.push(sentenceMarkup(text, split, sentence, items));
      });
      tagged.push(...done);
      if (tagged.length < splits.length && performance.now() - begun > 300) {
        state.textContent = `${count(tagged.length, 'sentence')} of ${splits.length.toLocaleString('en-US')} …`;
        await new Promise((resume) => setTimeout(resume));
        if (own !== turn) return;
      }
    }
    const found = new Map<string, number>();
    for (const { entities, tokens } of tagged)
      for (const name of types === null ? tokens.map(({ tag }) => tag) : entities.map(({ type }) => type))
        found.set(name, (found.get(name) ?? 0) + 1);
    output.replaceChildren(...lines);
    walk(items);
    listTokens(tagged);
    showLegend(found);
    const tokens = tagged.reduce((sum, sentence) => sum + sentence.tokens.length, 0);
    const entities = tagged.reduce((sum, sentence) => sum + sentence.entities.length, 0);
    const what = types === null ? [] : [count(entities, 'entity', 'entities')];
    state.textContent =
      tokens === 0
        ? 'Nothing to tag yet.'
        : `${[...what, count(tokens, 'token'), count(tagged.length, 'sentence')].join(', ')}; ${busy.toFixed(busy < 10 ? 1 : 0)} ms${tokens > LISTED ? `; the table has the first ${LISTED.toLocaleString('en-US')} tokens` : ''}`;
    output.dataset.tagged = String(own);
  }

  const tag = (): void => void tagNow().catch(complain);
  let waiting = 0;
  input.addEventListener('input', () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(tag, PAUSE_MS);
  });
  for (const choice of choices) choice.addEventListener('change', tag);
  byId('warnings').replaceChildren(...tagger.warnings.map(({ message }) => element('li', {}, message)));
  input.disabled = false;
  tag();
}

function complain(error: unknown): void {
  const said = byId('state');
  said.textContent = error instanceof Error ? error.message : String(error);
  said.className = 'error';
}

/** Sentences that nobody sees: by their end the browser has compiled the kernels, which would take longer than the first answer. */
async function warm(tagger: LoadedTagger): Promise<LoadedTagger> {
  const sentence = Array.from({ length: 16 }, () => 'a');
  for (let i = 0; i < 6; i++) await tagger.tag([sentence]);
  return tagger;
}

loadTagger(carried('checkpoint')).then(warm).then(start).catch(complain);
