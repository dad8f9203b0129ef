"""Replies and refusals of generators, and the articles that only speak of such things."""

from django.test import SimpleTestCase

from blog.text.defects import find_blocking


def codes(body="本文。", *, title="題", slug="dai"):
    return {finding.code for finding in find_blocking(body, title=title, slug=slug)}


class RefusalTests(SimpleTestCase):
    def test_articles_about_apologies_are_no_refusals(self):
        for title in (
            "「申し訳ありません」社長が謝罪、リコール10万台",
            "『申し訳ございません』を英語で言うと",
            "申し訳ありませんは敬語として正しいか",
            "申し訳ありませんが、と断るときの言い方",
            "申し訳ございません、在庫切れです――AI接客の今",
            '"I\'m sorry, Dave" HAL 9000とAI安全',
            "I'm sorry, Dave. 映画のAIを振り返る",
            "「I am unable to provide」と答えるAIの作り方",
            "「申し訳ありませんが、その情報は提供できません」と言うAI",
            "AIが「I cannot assist with that」と答える理由",
            "I apologize と I am sorry の違い",
            "As an AI engineer in Tokyo",
            "Unfortunately, Moore's law is over",
            "Sorry, no more free GPUs",
        ):
            with self.subTest(title):
                self.assertEqual(codes(title=title), set())
        for body in (
            "「申し訳ありません」。社長は頭を下げた。",
            "「申し訳ありませんが、その情報は提供できません」。AIはそう答えた。",
            "> 申し訳ありませんが、その記事は書けません。\n\nAIの答えである。",
            "申し訳ありません。この一言から会見は始まった。",
            "申し訳ありませんが、本日は休業します。張り紙の前で客は足を止めた。",
            "申し訳ございませんという言葉を、店員は一日に何度も言う。",
            "すみません、と声をかけられた。",
            "すみません、この記事は生成AIで書いていません。",
            "申し訳ありませんが、この記事の写真は提供していません…と、社長は言う。",
            "申し訳ありません。情報の管理が不十分でした。社長はそう述べた。",
            "I'm sorry to hear that, said the robot.",
            "I am sorry. 映画の台詞である。",
            "Unfortunately, the model was not released.",
            "As an AI researcher, I travel a lot.",
            "I cannot recommend this book enough.",
        ):
            with self.subTest(body):
                self.assertEqual(codes(body), set())
        for slug in (
            "as-i-cannot-sleep",
            "why-i-am-sorry-for-openai",
            "i-am-sorry-dave",
            "i-cannot-stop-reading",
            "3-i-apologize-to-my-robot",
            "what-i-am-unable-to-forget",
            "wi-fi-cannot-connect",
            "how-ai-cannot-fulfill-dreams",
            "as-an-ai-engineer-in-tokyo",
            "openai-i-cannot-assist",
        ):
            with self.subTest(slug):
                self.assertEqual(codes(slug=slug), set())

    def test_refusals_block(self):
        for text in (
            "申し訳ありませんが、その記事は書けません。",
            "申し訳ございませんが、ご依頼の内容の記事は作成いたしかねます。",
            "申し訳ありませんが、「新製品の発表」に関する具体的な情報を見つけることができませんでした。",
            "申し訳ありません。リアルタイムの情報にはアクセスできません。",
            "申し訳ありませんが、お手伝いできません。",
            "申し訳ありません。ご指示の情報は見つかりませんでした。",
            "申し訳ございませんが、検索結果を取得できなかったため、記事を書くことができません。",
            "申し訳ありませんが、書けません。",
            "申し訳ありませんが、そのリクエストにはお応えできません。",
            "**申し訳ございません。** ウェブ検索を実行できないため、最新の情報を取得できません。",
            "すみませんが、その情報は提供できません。",
            "I apologize, but I am currently unable to perform web searches.",
            "I'm sorry, but I can't assist with that request.",
            "I’m sorry, but I cannot write this article.",
            "I am unable to provide real-time information.",
            "As an AI language model, I cannot browse the internet.",
            "As an AI, I don't have access to current data.",
            "Unfortunately, I was unable to find any information.",
            "I cannot fulfill this request.",
            "Sorry, I can't help with that.",
        ):
            for body in (text, f"\n# {text}\n\n続き。", f"```\nx\n```\n\n{text}", f"<!-- 注 -->\n{text}"):
                with self.subTest(body):
                    self.assertEqual(codes(body), {"refusal"})
            if not text.startswith("**"):
                with self.subTest(title=text):
                    self.assertEqual(codes(title=text), {"refusal-title"})

    def test_refusals_that_became_a_title_and_were_cut_off_block(self):
        for title in (
            "I apologize, but I am currently unable t？",
            "I am unable to perform the web search fo？",
            "2026年I am unable to perform the web search fo？の全貌",
            "申し訳ありませんが、「新製品 発表 価格」に...",
            "申し訳ありませんが、「新製品の発表」に関する具体的な情報を見つけることがで...",
        ):
            with self.subTest(title):
                self.assertEqual(codes(title=title), {"refusal-title"})
        for slug in (
            "3-i-am-unable-to-perform",
            "3-i-am-unable-to-perform-the-web-search-fo",
            "2-i-apologize-but-i-am-currently-unable-t",
            "i-am-currently-unable-to-access-the-web",
            "i-am-sorry-but-i-cannot-write-about-this",
            "i-m-sorry-but-i-can-t-assist-with-that",
            "i-cannot-fulfill-this-request",
            "as-an-ai-language-model-i-cannot-fulfill-this",
        ):
            with self.subTest(slug):
                self.assertEqual(codes(slug=slug), {"refusal-title"})


class ReplyTests(SimpleTestCase):
    def test_articles_about_replies_are_no_replies(self):
        for body in (
            "承知しましたは敬語として正しいか。",
            "承知いたしましたと了解しましたの違いを、記事の末尾にまとめます。",
            "かしこまりました、と答えるAI店員が増えている。",
            "承知しました。では明日伺います。",
            "件名：Re: 打ち合わせ\n\n承知しました。明日の10時に伺います。\n\nよろしくお願いします。",
            "例文：\n\n承知いたしました。\n\n## 了解しました\n\nこちらは目上には使わない。",
            "前。\n\nかしこまりました。ご注文は以上でよろしいですか。",
            "「承知しました。以下に記事を書きます」とAIは答えた。",
            "> はい、承知しました。記事を作成します。",
            "- 承知しました。記事を書きます。",
            "| 承知しました。記事を書きます。 | 丁寧 |\n|---|---|",
            "`承知しました。記事を書きます。`",
            "ようやくわかりました。以下にまとめます。",
            "わかりました。そう言って彼は席を立った。",
            "もちろんです。性能は上がります。",
            "Sure, I know.",
            "Sure, here is the catch.",
            "Of course, I like it.",
            "Of course! Here we are in Tokyo.",
            "Certainly, I can confirm this.",
        ):
            with self.subTest(body):
                self.assertEqual(codes(body), set())

    def test_replies_block(self):
        for text in (
            "はい、承知いたしました。記事を書きます。",
            "もちろん、承知いたしました。続きを書きます。",
            "もちろん、承知いたしました。記事の続きを自然に、価値のある情報となるように執筆します。",
            "承知しました。以下に、ご指定の条件で記事を作成します。",
            "承知いたしました。では、以下が記事の本文です。",
            "承知しました。\n\n以下に続きを書きます。",
            "承知しました。書きます。",
            "**承知いたしました。** ご指示の文体で本文を執筆いたします。",
            "かしこまりました。それでは、記事の下書きをお届けします。",
            "了解しました。見出しを作成します。",
            "わかりました。ブログ記事を生成しました。",
            "もちろんです！以下に要約した文章をまとめました。",
            "ええ、承知いたしました。発表が見つからなかったのは残念ですが、そのテーマで記事を書き進めます。",
            "もちろん、承知いたしました。前の章から自然に続け、語りかける文体で文章を完成させます。",
            "ええ、承知いたしました。発表は見つかりませんでしたが、話を進めましょう。",
            "Certainly! Here is the article",
            "Sure! Here's a revised version of your text:",
            "Of course! I'd be happy to help with the article.",
            "Sure, I'll write the continuation.",
        ):
            for body in (text, f"前の文。\n\n{text}\n\n後。"):
                with self.subTest(body):
                    self.assertEqual(codes(body), {"chat"})

    def test_an_acknowledgement_at_the_beginning_or_below_a_prompt_blocks(self):
        for beginning in (
            "はい、承知いたしました。",
            "承知しました。",
            "**承知いたしました。**",
            "かしこまりました！",
        ):
            with self.subTest(beginning):
                self.assertEqual(codes(f"{beginning}\n\n---\n\n# 題\n\n本文。"), {"chat"})
                self.assertEqual(codes(f"前。\n\n【文体の指示】\n\n{beginning}\n\n後。"), {"prompt", "chat"})


class PromptTests(SimpleTestCase):
    def test_articles_about_prompts_are_no_prompts(self):
        for body in (
            "プロンプトの末尾に【文体の指示】を書く。",
            "「【出力形式の指定】」という見出しを置く。",
            "`【執筆の指示】`",
            "【文字数の条件】は、AIに守らせにくい。",
        ):
            with self.subTest(body):
                self.assertEqual(codes(body), set())

    def test_prompts_block(self):
        for body in (
            "前。\n\n【既存の記事の最後の部分】\n\n続き。",
            "前。【文体の指示】\n- 丁寧に",
            "**【文字数の指定】** 3000字",
            "7. 記事の末尾に---END---を必ず追加してください。",
        ):
            with self.subTest(body):
                self.assertEqual(codes(body), {"prompt"})
