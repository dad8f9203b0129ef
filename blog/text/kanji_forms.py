"""Variant kanji for search: old forms (旧字体) and variants in names, each with the form of today.

Most pairs are those of the list of common kanji (常用漢字表, Agency for Cultural Affairs, 2010), which gives the old form in
brackets; the others are common in names of people and places. Where several characters became one (辨, 瓣, 辯: 弁), search
takes them for equal. Compatibility ideographs (U+F900 to U+FAFF) are not listed: NFKC replaces them.
"""

_PAIRS = """
亞亜 惡悪 壓圧 圍囲 爲為 醫医 壹壱 稻稲 飮飲 隱隠 營営 榮栄 衞衛 驛駅 悅悦 閱閲 圓円 鹽塩 緣縁 艷艶 應応 歐欧 毆殴 櫻桜 奧奥 橫横 溫温 穩穏 假仮 價価 畫画 會会 繪絵 壞壊 懷懐 槪概
擴拡 殼殻 覺覚 學学 嶽岳 樂楽 渴渇 勸勧 卷巻 寬寛 歡歓 罐缶 觀観 關関 陷陥 顏顔 歸帰 氣気 龜亀 僞偽 戲戯 犧犠 舊旧 據拠 擧挙 虛虚 峽峡 挾挟 狹狭 鄕郷 曉暁 區区 驅駆 勳勲 薰薫 徑径
惠恵 揭掲 溪渓 經経 繼継 莖茎 螢蛍 輕軽 鷄鶏 藝芸 擊撃 缺欠 硏研 縣県 儉倹 劍剣 險険 圈圏 檢検 獻献 權権 顯顕 驗験 嚴厳 廣広 效効 恆恒 黃黄 鑛鉱 號号 國国 黑黒 濟済 碎砕 齋斎 劑剤
雜雑 參参 慘惨 棧桟 蠶蚕 贊賛 殘残 絲糸 齒歯 兒児 辭辞 濕湿 實実 舍舎 寫写 釋釈 壽寿 收収 從従 澁渋 獸獣 縱縦 肅粛 處処 緖緒 敍叙 奬奨 將将 稱称 證証 乘乗 剩剰 壤壌 孃嬢 條条 淨浄
疊畳 讓譲 釀醸 囑嘱 觸触 寢寝 愼慎 晉晋 眞真 盡尽 圖図 粹粋 醉酔 隨随 髓髄 數数 樞枢 瀨瀬 淸清 聲声 靜静 齊斉 攝摂 竊窃 專専 戰戦 淺浅 潛潜 纖繊 踐践 錢銭 禪禅 雙双 壯壮 搜捜 插挿
爭争 總総 聰聡 莊荘 裝装 騷騒 增増 藏蔵 臟臓 卽即 屬属 續続 墮堕 對対 體体 帶帯 滯滞 臺台 瀧滝 擇択 澤沢 單単 擔担 膽胆 團団 彈弾 斷断 癡痴 遲遅 晝昼 蟲虫 鑄鋳 廳庁 徵徴 聽聴 敕勅
鎭鎮 遞逓 鐵鉄 轉転 點点 傳伝 黨党 盜盗 燈灯 當当 鬪闘 德徳 獨独 讀読 屆届 繩縄 貳弐 腦脳 霸覇 廢廃 拜拝 賣売 麥麦 發発 髮髪 拔抜 蠻蛮 祕秘 濱浜 甁瓶 拂払 佛仏 倂併 竝並 變変 邊辺
辨弁 瓣弁 辯弁 步歩 舖舗 穗穂 寶宝 沒没 飜翻 每毎 萬万 滿満 麵麺 默黙 餠餅 彌弥 藥薬 譯訳 豫予 餘余 與与 譽誉 搖揺 樣様 謠謡 來来 賴頼 亂乱 覽覧 龍竜 兩両 獵猟 綠緑 淚涙 壘塁 勵励
禮礼 隸隷 靈霊 齡齢 曆暦 歷歴 戀恋 鍊錬 爐炉 勞労 樓楼 郞郎 祿禄 錄録 灣湾 靑青 戶戸 內内 吳呉 敎教 旣既 稅税 說説 銳鋭 脫脱 絕絶 巢巣 歲歳 狀状 產産 彥彦 尙尚 戾戻 髙高 﨑崎 邉辺
濵浜 冨富 舘館 桒桑 栁柳 槗橋 𠮷吉 嶋島 嶌島 渕淵 峯峰 嵜崎 曾曽 鷗鴎 俠侠 麴麹 搔掻 摑掴 頰頬 塡填 剝剥 噓嘘 屛屏 幷并 繫繋 蠟蝋 醬醤 顚顛 瘦痩 簞箪 囊嚢 萊莱 蔣蒋 蟬蝉 軀躯 鹼鹸
啞唖 焰焔 嚙噛 潑溌 禱祷 靱靭 鰺鯵 檜桧 篭籠 蘆芦 遙遥 堯尭 槇槙 瑤瑶 讚讃 亙亘 昻昂 凛凜 兔兎 藪薮 龝秋 舩船 莵兎 﨔欅 穐秋 埜野 畧略 羣群 楳梅 菴庵
"""

FORM_OF_TODAY = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}
"""Form of today of each variant, as a table for `str.translate`."""
